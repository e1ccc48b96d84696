/** Why a snapshot of ours must not be deleted, whatever the policy says. Pure. */
import type {SnapshotId} from '../../../ec2/ids.ts';
import type {OwnSnapshot} from '../../../ec2/snapshots/own-snapshots.ts';

/** What must be asked of AWS beside the snapshots themselves. */
export interface Uses {
  /** The image that uses it, by snapshot. */
  readonly images: ReadonlyMap<SnapshotId, string>;
  /** Until when it is locked. */
  readonly locked: ReadonlyMap<SnapshotId, number>;
  /** When it came into the archive. */
  readonly archivedAt: ReadonlyMap<SnapshotId, number>;
  /** The copy that is being made of it. */
  readonly copies: ReadonlyMap<SnapshotId, string>;
  /** Who else may use it. */
  readonly sharedWith: ReadonlyMap<SnapshotId, readonly string[]>;
}

/** Nobody uses any of them. */
export const UNUSED: Uses = {
  images: new Map(),
  locked: new Map(),
  archivedAt: new Map(),
  copies: new Map(),
  sharedWith: new Map(),
};

/** What is billed in any case. Source: "Archive Amazon EBS snapshots", pricing and billing. */
const ARCHIVE_MINIMUM_DAYS = 90;
const DAY_MS = 86_400_000;

/** Whatever its value is, for a key alone is what AWS's console makes of a tag. */
const PIN = 'ftask:pin';
/** django_fabfile's, which an empty value takes back. */
const FABFILE_PIN = 'preserve_snapshot';

/** Every hold in words; none for a snapshot that may be deleted. */
export function holdsOf(snapshot: OwnSnapshot, uses: Uses, nowMs: number): string[] {
  const {id, tags} = snapshot;
  const holds: string[] = [];
  if (PIN in tags) holds.push(`pinned by tag ${PIN}`);
  if (tags[FABFILE_PIN]) holds.push(`pinned by tag ${FABFILE_PIN}`);
  const image = uses.images.get(id);
  if (image !== undefined) holds.push(`used by ${image}`);
  const lockedUntil = uses.locked.get(id);
  if (lockedUntil !== undefined) holds.push(`locked${untilText(lockedUntil)}`);
  const copy = uses.copies.get(id);
  if (copy !== undefined) holds.push(`being copied to ${copy}`);
  const shared = uses.sharedWith.get(id) ?? [];
  if (shared.length > 0) holds.push(shared.includes('all') ? 'public' : `shared with ${shared.join(', ')}`);
  if (snapshot.isArchived) holds.push(...archiveHold(uses.archivedAt.get(id), nowMs));
  return holds;
}

function archiveHold(archivedAt: number | undefined, nowMs: number): string[] {
  if (archivedAt === undefined) return ['archived, and nothing tells since when'];
  const endMs = archivedAt + ARCHIVE_MINIMUM_DAYS * DAY_MS;
  return nowMs < endMs ? [`archived, and paid for${untilText(endMs)}`] : [];
}

/** ` until 2026-12-01`; nothing where there is no end. */
export function untilText(ms: number): string {
  return Number.isFinite(ms) ? ` until ${new Date(ms).toISOString().slice(0, 10)}` : '';
}
