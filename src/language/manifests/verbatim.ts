/**
 * Escapes a text in command, args and env, where a kubelet replaces `$(NAME)` by a variable and `$$` by `$` (Kubernetes,
 * Container v1).
 */
export function verbatim(text: string): string {
  return text.replaceAll(/\$(?=[$(])/g, () => '$$');
}
