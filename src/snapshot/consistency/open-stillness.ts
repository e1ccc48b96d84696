/** Chooses how an instance is held still: one that is stopped is so already. */
import {Ec2Error} from '../../ec2/errors.ts';
import {findInstance, type Instance} from '../../ec2/instances.ts';
import {FtaskError} from '../../errors.ts';
import {crashed, stoppedReached} from './reached.ts';
import {StillHost} from './still-host.ts';
import {type Stillness, type StillScene, sharedVolumes} from './stillness.ts';
import {lineOf} from './told.ts';

/**
 * Gets ready to hold an instance still: connects to it and looks at its filesystems.
 * @throws FtaskError when that cannot be done, unless less will do
 */
export async function openStillness(scene: StillScene): Promise<Stillness> {
  const {set, request} = scene;
  const state = stateOf(set.instance);
  if (state === 'stopped') return stoppedInstance(scene);
  try {
    if (state !== 'running') throw notStill(state);
    return await openHost(scene);
  } catch (error) {
    if (!request.bestEffort || !(error instanceof FtaskError)) throw error;
    const reached = crashed(lineOf(error, set.instance.id));
    return {around: (send) => send(), reached: async () => reached, close: async () => {}};
  }
}

async function openHost(scene: StillScene): Promise<Stillness> {
  const still = new StillHost(scene);
  try {
    await still.look();
    return still;
  } catch (error) {
    await still.close();
    throw error;
  }
}

function stoppedInstance({ec2, region, set}: StillScene): Stillness {
  return {
    around: (send) => send(),
    reached: async () => {
      try {
        // It was listed a while ago, and may have been started since.
        const now = await findInstance(ec2, region, set.instance.id);
        const volumes = set.volumes.map(({id}) => id);
        return stoppedReached(volumes, {state: now ? stateOf(now) : 'gone', shared: sharedVolumes(set)});
      } catch (error) {
        if (!(error instanceof Ec2Error)) throw error;
        return crashed(`whether it is still stopped could not be asked: ${error.message}`);
      }
    },
    close: async () => {},
  };
}

/** One that is hibernated is as little at rest as one that runs, and reached by nobody. */
function stateOf({state, isHibernated}: Instance): string {
  return isHibernated ? 'hibernated' : state;
}

function notStill(state: string): FtaskError {
  return new FtaskError('NotRunning', `it is ${state}: neither stopped, nor running to be frozen`, {
    hint: 'Run again when it has stopped or started, or take less with --best-effort.',
  });
}
