import type { Marker } from './marker.ts';
import { type Mask, maskJson } from './mask.ts';

/**
 * Returns a marker with secrets masked in all texts of a step or its plugin, and with the paths of masked outputs. File
 * contents are not masked.
 */
export function maskMarker<M extends Marker>(marker: M, mask: Mask): M {
  if (marker.brightbird === 'step.file') return { ...marker, path: mask(marker.path) };
  if (marker.brightbird === 'step.waiting' && marker.wait) {
    return { ...marker, wait: { ...marker.wait, message: mask(marker.wait.message) } };
  }
  if (marker.brightbird !== 'step.end') return marker;
  const { error, outputs } = marker;
  const masked = [...(marker.masked ?? [])];
  const maskedTexts = {
    ...(error && { error: { ...(maskJson(error, mask) as typeof error), code: error.code } }),
    ...(outputs && { outputs: maskJson(outputs, mask, (path) => masked.push(path)) }),
  };
  return { ...marker, ...maskedTexts, ...(masked.length > 0 && { masked }) };
}
