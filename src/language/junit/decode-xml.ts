import { Fault } from '../../model/fault.ts';

export interface DecodedXml {
  text: string;
  /** What was not as it should be, and how it was read all the same. */
  warnings: string[];
}

/** Byte order marks, and how `<` begins a file without one (XML 1.0, appendix F); the longer ones first. */
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
/** Names that writers declare and the Encoding Standard does not have. */
const aliases: Record<string, string> = { 'latin-1': 'latin1', 'utf-8n': 'utf-8', 'us-ascii': 'utf-8', ascii: 'utf-8' };

/**
 * Returns the text of an XML file in the encoding of its byte order mark or its declaration, UTF-8 without either. Bytes and
 * characters that XML does not allow become U+FFFD, with a warning. Throws `invalid_request` for an unknown encoding.
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
      throw new Fault('invalid_request', `its encoding ${encoding} is not supported`, {
        where: { line: 1 },
        hint: 'write it as UTF-8',
        cause: error,
      });
    }
    text = decode(false);
    warnings.push(`it has bytes that are not valid ${encoding}; they are shown as \ufffd`);
  }
  const allowed = withoutForbidden(text);
  if (allowed !== text) warnings.push('it has characters that XML does not allow; they are shown as \ufffd');
  return { text: allowed.trimStart(), warnings };
}

function encodingOf(content: Buffer): string {
  for (const [bytes, encoding] of signatures) {
    if (bytes.every((byte, index) => content[index] === byte)) return encoding;
  }
  const label = declaration.exec(content.toString('latin1', 0, 1000))?.[1]?.toLowerCase() ?? 'utf-8';
  // Programs convert a text to bytes after they have written its declaration; it cannot be UTF-16 if that is readable here.
  if (/^(utf-?16|ucs-?2|iso-10646|unicode)/.test(label)) return 'utf-8';
  return aliases[label] ?? label;
}

/** Control characters and their references (XML 1.0, section 2.2), as many tools write the output of a test unchanged. */
function withoutForbidden(text: string): string {
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
