import { timezoneNames } from './timezone-names.ts';

const canonical = new Map(timezoneNames.map((name) => [name.toLowerCase(), name]));

/**
 * The IANA name in its canonical spelling (`utc` is UTC, `europe/berlin` Europe/Berlin), as Temporal wants it; undefined for
 * what no zone of tzdata is called, abbreviations such as PST among them, which Node alone takes.
 */
export function canonicalTimezone(name: string): string | undefined {
  return canonical.get(name.trim().toLowerCase());
}
