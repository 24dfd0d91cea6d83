import { Fault } from '../../model/fault.ts';

export interface DecodedXml {
  text: string;
  /** Defects of the file, and how they were handled. */
  warnings: string[];
}

/** Byte order marks, and the encodings of a leading `<` without one (XML 1.0, appendix F); longest first. */
const signatures: [bytes: number[], encoding: string][] = [
  [[0xff, 0xfe, 0, 0], 'utf-32'],
  [[0, 0, 0xfe, 0xff], 'utf-32'],
  [[0x3c, 0, 0, 0], 'utf-32'],
  [[0, 0, 0, 0x3c], 'utf-32'],
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0x3c, 0], 'utf-16le'],
  [[0, 0x3c], 'utf-16be'],
];
const declaration = /^\s*<\?xml\s[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/;
/** Declared names that the Encoding Standard does not have. */
const aliases: Record<string, string> = { 'latin-1': 'latin1', 'utf-8n': 'utf-8', 'us-ascii': 'utf-8', ascii: 'utf-8' };

/**
 * Decodes an XML file by its byte order mark or its declaration, by default as UTF-8. Invalid bytes and characters that XML
 * does not allow become U+FFFD, with a warning. Throws `invalid_request` for an unknown encoding.
 */
export function decodeXml(content: Buffer): DecodedXml {
  const encoding = encodingOf(content);
  const warnings: string[] = [];
  const decode = (fatal: boolean) => new TextDecoder(encoding, { fatal }).decode(content);
  let text: string;
  try {
    text = decode(true);
  } catch (error) {
    if ((error as Error).name === 'RangeError') {
      throw new Fault('invalid_request', `encoding ${encoding} is not supported`, {
        where: { line: 1 },
        hint: 'use UTF-8',
        cause: error,
      });
    }
    text = decode(false);
    warnings.push(`it has bytes that are not valid ${encoding}; they are shown as \ufffd`);
  }
  const allowed = replaceForbidden(text);
  if (allowed !== text) warnings.push('it has characters that XML does not allow; they are shown as \ufffd');
  return { text: allowed.trimStart(), warnings };
}

function encodingOf(content: Buffer): string {
  for (const [bytes, encoding] of signatures) {
    if (bytes.every((byte, index) => content[index] === byte)) return encoding;
  }
  const label = declaration.exec(content.toString('latin1', 0, 1000))?.[1]?.toLowerCase() ?? 'utf-8';
  // A declaration of UTF-16 that is readable as Latin-1 is wrong: the writer encoded the text differently.
  if (/^(utf-?16|ucs-?2|iso-10646|unicode)/.test(label)) return 'utf-8';
  return aliases[label] ?? label;
}

/** Replaces forbidden characters and references (XML 1.0, section 2.2): many tools write the output of a test unchanged. */
function replaceForbidden(text: string): string {
  return text
    .replace(/(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/&#(?:x([0-9a-fA-F]+)|([0-9]+));/g, (reference, hex, decimal) =>
      isAllowed(hex ? Number.parseInt(hex, 16) : Number(decimal)) ? reference : '\ufffd',
    );
}

function isAllowed(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code < 0xd800 || (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff);
}
