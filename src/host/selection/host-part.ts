/** The parts of a host's name as it is selected. */

/** `deploy@web1:2222` cut into what stands before its host, the host, and what stands behind. */
export function hostParts(name: string): {front: string; host: string; back: string} {
  const at = name.lastIndexOf('@') + 1;
  const rest = name.slice(at);
  const [, host = rest, back = ''] = /^(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(rest) ?? [];
  return {front: name.slice(0, at), host, back};
}
