import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { Marker } from './marker.ts';

/** End of a signed marker: the number of signed characters before it, and their Ed25519 signature (RFC 8032) in base64url. */
const ending = /,"sig":"(\d{1,8})\.([\w-]{86})"\}$/;
const maxEndingLength = 120;

/** Returns the line of a marker, with an increasing sequence number. */
export type SignMarker = (marker: Marker) => string;

/**
 * Creates the signer of one process. Its private key exists only in the memory of that process, so a step cannot forge a
 * marker from files, its environment or the log.
 */
export function createSigner(): SignMarker {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ format: 'jwk' }).x;
  let seq = 0;
  return (marker) => {
    const signed = JSON.stringify({ ...marker, key, seq }).slice(0, -1);
    seq += 1;
    const signature = sign(null, Buffer.from(signed), privateKey).toString('base64url');
    return `${signed},"sig":"${signed.length}.${signature}"}`;
  };
}

/** Returns a function that checks whether a line is a marker signed with that key. */
export function createVerifier(key: string): (line: string) => boolean {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
  return (line) => {
    const end = endingOf(line);
    if (end?.start !== 0) return false;
    return verify(null, Buffer.from(line.slice(0, end.index)), publicKey, Buffer.from(end.signature, 'base64url'));
  };
}

/**
 * Returns the start index of a signed marker at the end of a line: 0 when it is the whole line, undefined when there is
 * none. Does not check the signature.
 */
export function findMarkerStart(line: string): number | undefined {
  return endingOf(line)?.start;
}

function endingOf(line: string): { start: number; index: number; signature: string } | undefined {
  // Most lines end here.
  if (!line.endsWith('"}')) return undefined;
  const from = Math.max(0, line.length - maxEndingLength);
  const match = ending.exec(line.slice(from));
  if (!match) return undefined;
  const [, length = '', signature = ''] = match;
  const index = from + match.index;
  const start = index - Number(length);
  return start < 0 ? undefined : { start, index, signature };
}
