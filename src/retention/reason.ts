/** Why a snapshot is kept or deleted: data, and its words. */
import {formatDuration} from '../duration.ts';

/** Why something is kept. */
export type KeepReason =
  | {readonly kind: 'held'; readonly why: string}
  | {readonly kind: 'not a backup'}
  | {readonly kind: 'future'}
  | {readonly kind: 'young'; readonly minAgeMs: number}
  | {readonly kind: 'one of the newest'; readonly count: number}
  | {readonly kind: 'newest of period'; readonly rule: string; readonly period: string}
  | {readonly kind: 'oldest'; readonly rule: string}
  | {readonly kind: 'set'; readonly keptMember: string}
  | {readonly kind: 'empty policy'};

/** Why one rule does not keep what is deleted. */
export type DeleteReason =
  | {
      readonly kind: 'superseded';
      readonly rule: string;
      readonly period: string;
      readonly by: string;
      /** Of the same time: the smaller id is the one that is kept. */
      readonly isTie: boolean;
    }
  | {readonly kind: 'before the kept'; readonly rule: string; readonly span: string};

export type Reason = KeepReason | DeleteReason;

/** A reason in words, for a line such as `snap-1: kept: newest of week 2026-W46`. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'held':
      return `held: ${reason.why}`;
    case 'not a backup':
      return 'no completed backup of ours';
    case 'future':
      return 'its time lies in the future';
    case 'young':
      return `younger than ${formatDuration(reason.minAgeMs)}`;
    case 'one of the newest':
      return reason.count === 1 ? 'the newest' : `one of the ${reason.count} newest`;
    case 'newest of period':
      return `newest of ${reason.period}`;
    case 'oldest':
      return `oldest, while ${reason.rule} reaches further back`;
    case 'set':
      return `of one set with ${reason.keptMember}`;
    case 'empty policy':
      return 'its policy is empty';
    case 'superseded':
      return `${reason.period}: ${reason.by} is ${reason.isTie ? 'as new' : 'newer'}`;
    case 'before the kept':
      return `before the ${reason.span} that ${/^1 [a-z]+$/.test(reason.span) ? 'is' : 'are'} kept`;
  }
}
