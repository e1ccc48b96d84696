/** Text in which the kernel and udev wrote some bytes as numbers. What they wrote so may be part of UTF-8. */

/** Takes back the octal escapes of the kernel's tables: `\040` is a blank. */
export function unescapeOctal(text: string): string {
  return withBytes(text, /\\([0-3][0-7]{2})/g, 8);
}

/** Takes back the hexadecimal escapes of udev: `\x20` is a blank. */
export function unescapeHex(text: string): string {
  return withBytes(text, /\\x([\da-f]{2})/gi, 16);
}

function withBytes(text: string, escaped: RegExp, radix: number): string {
  if (!text.includes('\\')) return text;
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  const plain = bytes.replaceAll(escaped, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, radix)),
  );
  return Buffer.from(plain, 'latin1').toString('utf8');
}
