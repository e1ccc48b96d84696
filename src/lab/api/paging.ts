/** Pages of a Describe action: MaxResults and an opaque NextToken that is good for the same question only. */
import {createHash} from 'node:crypto';
import {ApiError} from '../wire/api-error.ts';
import type {Call} from './call.ts';

export const MAX_PAGE = 1000;

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface PageRules {
  /** The ids that were asked for: AWS refuses pages of those. */
  readonly ids?: readonly string[] | undefined;
  readonly min?: number;
  /** Whether a larger MaxResults is cut to 1000 instead of refused. */
  readonly isCapped?: boolean;
}

export interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

/**
 * One page of the items that pass. Items made between two pages may show, deleted ones are not missed.
 * @throws ApiError InvalidParameterCombination, InvalidParameterValue
 */
export function pageOf<T extends {readonly id: string}>(
  items: Iterable<T>,
  request: PageRequest,
  call: Call,
  {ids, min = 5, isCapped = false}: PageRules = {},
): Page<T> {
  if (ids) {
    if (request.MaxResults === undefined) return {items: [...items], nextToken: undefined};
    throw new ApiError(
      'InvalidParameterCombination',
      'The parameter MaxResults cannot be used with a list of resource IDs in the same request',
    );
  }
  const size = pageSize(request.MaxResults, min, isCapped);
  const question = digest(request, call);
  const after = positionAfter(request, call);
  const page: T[] = [];
  for (const item of items) {
    const position = call.store.positionOf(item.id);
    if (position <= after) continue;
    const last = page.at(-1);
    if (page.length === size && last) {
      return {items: page, nextToken: token(call.store.positionOf(last.id), question)};
    }
    page.push(item);
  }
  return {items: page, nextToken: undefined};
}

/** Where the page begins, so that what is before need not be looked at. @throws ApiError InvalidParameterValue */
export function positionAfter(request: PageRequest, call: Call): number {
  return request.NextToken === undefined ? 0 : positionIn(request.NextToken, digest(request, call));
}

function pageSize(maxResults: number | undefined, min: number, isCapped: boolean): number {
  if (maxResults === undefined) return MAX_PAGE;
  if (Number.isInteger(maxResults) && maxResults >= min && maxResults <= MAX_PAGE) return maxResults;
  if (isCapped && maxResults > MAX_PAGE) return MAX_PAGE;
  throw new ApiError(
    'InvalidParameterValue',
    `Value ( ${maxResults} ) for parameter maxResults is invalid. Expecting a value between ${min} and ${MAX_PAGE}.`,
  );
}

function token(position: number, question: string): string {
  return Buffer.from(`${position} ${question}`).toString('base64');
}

function positionIn(text: string, question: string): number {
  const match = /^(\d+) (\w+)$/.exec(Buffer.from(text, 'base64').toString());
  if (match?.[1] && match[2] === question) return Number(match[1]);
  throw new ApiError('InvalidParameterValue', 'Invalid value for the parameter NextToken');
}

function digest(request: PageRequest, {action, region}: Call): string {
  const {NextToken: _token, MaxResults: _size, ...question} = request;
  return createHash('sha256')
    .update(JSON.stringify([action, region, question]))
    .digest('hex')
    .slice(0, 16);
}
