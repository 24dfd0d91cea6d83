/**
 * Parses a `time` in seconds: a number, with commas between thousands (Surefire) or as decimal separator (locale of the
 * machine), or hours, minutes and seconds with colons (.NET). Returns undefined for anything else.
 */
export function parseSeconds(time: string | undefined): number | undefined {
  const text = time?.trim() ?? '';
  if (/^(\d+:)?\d+:\d+(\.\d*)?$/.test(text)) {
    return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  }
  const plain = /^[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text) ? text.replaceAll(',', '') : text.replace(',', '.');
  const value = plain === '' ? Number.NaN : Number(plain);
  return Number.isFinite(value) ? value : undefined;
}
