/**
 * Returns a text that a kubelet gives to a container as it was written: in command, args and env, it replaces `$(NAME)` by a
 * variable and `$$` by `$` (Kubernetes, Container v1).
 */
export function verbatim(text: string): string {
  return text.replaceAll(/\$(?=[$(])/g, () => '$$');
}
