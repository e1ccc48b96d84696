/** The KMS keys of an account in a region, found by id, alias or ARN. */
import {createHash} from 'node:crypto';
import type {Fleet} from '../fleet/schema.ts';
import {defaultKey} from '../fleet/seed.ts';

export interface Key {
  readonly arn: string;
  readonly alias?: string;
  readonly state: Fleet['kms_keys'][number]['state'];
  readonly isSymmetric: boolean;
  /** Whether AWS made it, and not the account. */
  readonly isOfAws: boolean;
}

/** The key that a region knows under this name. */
export function findKey(name: string, region: string, fleet: Fleet): Key | undefined {
  return keysOf(region, fleet).find((key) => namesOf(key).includes(name));
}

/** Whether EBS can encrypt with it. */
export function isUsable({state, isSymmetric}: Key): boolean {
  return state === 'Enabled' && isSymmetric;
}

function keysOf(region: string, fleet: Fleet): Key[] {
  const own = fleet.kms_keys.filter((key) => regionOf(key) === undefined || regionOf(key) === region);
  const ofAws = {arn: defaultKey(region, fleet.account), alias: 'alias/aws/ebs', isOfAws: true};
  return [
    {...ofAws, state: 'Enabled', isSymmetric: true},
    ...own.map(({name, state, symmetric}) => ({
      ...named(name, region, fleet.account),
      state,
      isSymmetric: symmetric,
      isOfAws: false,
    })),
  ];
}

function regionOf({name, region}: Fleet['kms_keys'][number]): string | undefined {
  return region ?? /^arn:[^:]*:kms:([^:]+):/.exec(name)?.[1];
}

function named(name: string, region: string, account: string): Pick<Key, 'arn' | 'alias'> {
  const resource = name.replace(/^arn:([^:]*:){4}/, '').replace(/^key\//, '');
  if (resource.startsWith('alias/')) {
    return {arn: keyArn(idOf(`${region} ${resource}`), region, account), alias: resource};
  }
  return {arn: keyArn(resource, region, account)};
}

function keyArn(id: string, region: string, account: string): string {
  return `arn:aws:kms:${region}:${account}:key/${id}`;
}

/** The same for the same text, in the form of a UUID. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function namesOf({arn, alias}: Key): string[] {
  const names = [arn, arn.slice(arn.indexOf('/') + 1)];
  return alias === undefined ? names : [...names, alias, arn.replace(/key\/.*$/, alias)];
}
