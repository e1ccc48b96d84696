/** What the EBS direct APIs hand out for a caller to show again: for a block of a snapshot, and for the next page. */
import {createHash} from 'node:crypto';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Of a block. */
export const TOKEN_LIFE_MS = 7 * DAY_MS;

/** Good for one block of one snapshot, for a week. */
export function blockToken(snapshotId: string, index: number, now: number): string {
  return signed(`block ${snapshotId} ${index} ${now + TOKEN_LIFE_MS}`);
}

/** Whether it is a token for this block that has not expired. */
export function isBlockToken(token: string, snapshotId: string, index: number, now: number): boolean {
  const [kind, id, of, expires] = unsigned(token) ?? [];
  return kind === 'block' && id === snapshotId && of === String(index) && Number(expires) > now;
}

/** Good for one question: where the next page of its answer begins. */
export function pageToken(question: string, index: number): string {
  return signed(`page ${question} ${index}`);
}

/** Where the page begins; undefined when it is no token of this question. */
export function pageStart(token: string, question: string): number | undefined {
  const [kind, of, index] = unsigned(token) ?? [];
  return kind === 'page' && of === question ? Number(index) : undefined;
}

function signed(text: string): string {
  return Buffer.from(`${text} ${digest(text)}`).toString('base64');
}

function unsigned(token: string): string[] | undefined {
  const words = Buffer.from(token, 'base64').toString().split(' ');
  const signature = words.pop();
  return signature === digest(words.join(' ')) ? words : undefined;
}

function digest(text: string): string {
  return createHash('sha256').update(`lab ${text}`).digest('hex').slice(0, 16);
}
