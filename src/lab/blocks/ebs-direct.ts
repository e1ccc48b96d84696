/** The EBS direct APIs that read: https://docs.aws.amazon.com/ebs/latest/APIReference/Welcome.html */
import type {Answer} from '../api/answer.ts';
import {Call} from '../api/call.ts';
import type {Asked, HttpRequest, Protocol} from '../api/protocol.ts';
import type {Endpoint} from '../endpoint.ts';
import {ApiError} from '../wire/api-error.ts';
import {jsonAnswer} from '../wire/json.ts';
import {authFailure} from '../wire/signature.ts';
import {blockFailure} from './block-error.ts';
import {getBlock} from './get-block.ts';
import {listChangedBlocks, listSnapshotBlocks} from './list-blocks.ts';

const ROUTES = {
  ListSnapshotBlocks: /^\/snapshots\/([^/]+)\/blocks$/,
  GetSnapshotBlock: /^\/snapshots\/([^/]+)\/blocks\/([^/]+)$/,
  ListChangedBlocks: /^\/snapshots\/([^/]+)\/changedblocks$/,
} as const;

export const ebsDirect: Protocol = {
  service: 'ebs',
  actionOf,
  answer: async (request, asked, endpoint) => {
    try {
      return await answer(request, asked, endpoint);
    } catch (error) {
      if (error instanceof ApiError) return blockFailure(error);
      throw error;
    }
  },
  failure: blockFailure,
};

function actionOf({method, path}: HttpRequest): keyof typeof ROUTES | '' {
  if (method !== 'GET') return '';
  const routes = Object.keys(ROUTES) as (keyof typeof ROUTES)[];
  return routes.find((action) => ROUTES[action].test(path)) ?? '';
}

async function answer(request: HttpRequest, {region, fault}: Asked, endpoint: Endpoint): Promise<Answer> {
  const {world, throttle, contents} = endpoint;
  const action = actionOf(request);
  if (action === '') throw new ApiError('UnknownOperationException', '', 404);
  if (!world.fleet.regions[region]?.opted_in) throw authFailure();
  throttle.take(region, action, new URLSearchParams(), world.clock.now());
  const call = new Call(action, region, world);
  const {path, query} = request;
  const [id = '', index = ''] = (ROUTES[action].exec(path) ?? []).slice(1).map(decodeURIComponent);
  const listing = {call, contents, query};
  switch (action) {
    case 'ListSnapshotBlocks':
      return jsonAnswer(await listSnapshotBlocks(id, listing), 'application/json');
    case 'ListChangedBlocks':
      return jsonAnswer(await listChangedBlocks(id, listing), 'application/json');
    case 'GetSnapshotBlock':
      return getBlock(
        {id, index, token: query.get('blockToken'), isFlawed: fault?.kind === 'flawed-block'},
        call,
        contents,
      );
  }
}
