/** Credentials in addresses. */

/** The text with `user:password@` of any address in it made unreadable. */
export function maskUserinfo(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/gi, '$1********@');
}
