import type { Marker } from './marker.ts';
import { type Mask, maskJson } from './mask.ts';

/**
 * A marker without secrets in what a step or its plugin says, and with where in the outputs there were some. The rest is the
 * runner's own, and files are kept as they are.
 */
export function maskMarker<M extends Marker>(marker: M, mask: Mask): M {
  if (marker.brightbird === 'step.file') return { ...marker, path: mask(marker.path) };
  if (marker.brightbird === 'step.waiting' && marker.wait) {
    return { ...marker, wait: { ...marker.wait, message: mask(marker.wait.message) } };
  }
  if (marker.brightbird !== 'step.end') return marker;
  const { error, outputs } = marker;
  const masked = [...(marker.masked ?? [])];
  const said = {
    ...(error && { error: { ...(maskJson(error, mask) as typeof error), code: error.code } }),
    ...(outputs && { outputs: maskJson(outputs, mask, (path) => masked.push(path)) }),
  };
  return { ...marker, ...said, ...(masked.length > 0 && { masked }) };
}
