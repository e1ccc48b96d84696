/** The lab's own routes under `/_lab`: its clock, its calls, its faults and its snapshots. */
import type {Endpoint} from './endpoint.ts';
import {faultRules} from './fleet/fault-schema.ts';
import {inventory} from './inventory.ts';
import {snapshotView} from './storage/snapshot-view.ts';

export interface ControlAnswer {
  readonly status: number;
  readonly value: object;
}

/** Does what a control request says; `route` is its method and path. */
export function control(route: string, body: string, endpoint: Endpoint): ControlAnswer {
  const {world, calls, faults, pid, hardware} = endpoint;
  switch (route) {
    case 'GET /_lab':
      return ok({
        speed: world.clock.speed,
        now: world.clock.now(),
        pid,
        digest: world.origin.digest,
        ...(hardware && {hardware: true, gateway: hardware.parts.gateway}),
      });
    case 'GET /_lab/calls':
      return ok(calls);
    case 'DELETE /_lab/calls':
      calls.clear();
      return ok({});
    case 'GET /_lab/state':
      return ok({snapshots: allSnapshots(endpoint), instances: inventory(world)});
    case 'POST /_lab/faults': {
      const rules = faultRules.safeParse(parsed(body));
      if (!rules.success) return {status: 400, value: {issues: rules.error.issues}};
      faults.replace(rules.data);
      return ok({rules: rules.data.length});
    }
    default:
      return {status: 404, value: {error: `no ${route}`}};
  }
}

function ok(value: object): ControlAnswer {
  return {status: 200, value};
}

function allSnapshots({world}: Endpoint): object[] {
  const now = world.clock.now();
  return Object.keys(world.fleet.regions).flatMap((region) =>
    [...world.store.all('snapshot', region)]
      .filter(({owner, bin}) => owner === world.fleet.account && !bin)
      .map((snapshot) => ({Region: region, ...snapshotView(snapshot, now)})),
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
