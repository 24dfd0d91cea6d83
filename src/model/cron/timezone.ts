import { timezoneNames } from './timezone-names.ts';

const canonical = new Map(timezoneNames.map((name) => [name.toLowerCase(), name]));

/**
 * Returns the IANA name in its canonical spelling (`utc` is UTC, `europe/berlin` Europe/Berlin), as Temporal requires;
 * undefined for names that are not in tzdata, such as the abbreviation PST, which only Node accepts.
 */
export function canonicalTimezone(name: string): string | undefined {
  return canonical.get(name.trim().toLowerCase());
}
