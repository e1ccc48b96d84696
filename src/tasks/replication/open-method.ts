/** Opens the method that replicas are made by. */
import type {Context} from '../../context/context.ts';
import type {Ec2} from '../../ec2/client.ts';
import {UsageError} from '../../errors.ts';
import {FASTEST_MS} from '../../replica/copy/completion-minutes.ts';
import {copyMethod} from '../../replica/copy/copy-method.ts';
import type {Method} from '../../replica/method.ts';
import {openRsync} from './open-rsync.ts';

export interface MethodWish {
  /** The task that asks, for the journal. */
  readonly task: string;
  readonly method: Method['name'];
  /** Milliseconds; the configuration's by default. */
  readonly rpo?: number | undefined;
  /** `5%`; the configuration's by default. */
  readonly verify?: string | undefined;
  /** Instances to use in the place of temporary ones. */
  readonly srcInst?: string | undefined;
  readonly dstInst?: string | undefined;
  /** All bytes come by here. */
  readonly throughController?: boolean | undefined;
}

/** Nothing is made before the first replica. @throws UsageError on an option of the other method */
export async function openMethod(context: Context, ec2: Ec2, wish: MethodWish): Promise<Method> {
  refuseIdle(wish);
  return wish.method === 'rsync' ? openRsync(context, ec2, wish) : openCopy(context, ec2, wish);
}

function refuseIdle({method, ...wish}: MethodWish): void {
  const ofRsync = ['srcInst', 'dstInst', 'throughController'] as const;
  const ofOther = method === 'copy' ? ofRsync : (['rpo', 'verify'] as const);
  const idle = ofOther.find((name) => wish[name] !== undefined);
  if (idle === undefined) return;
  const option = idle.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError('IdleOption', `--${option} is not for --method ${method}`);
}

/** @throws UsageError when no copy would ever be in time */
function refuseShort(rpoMs = Number.POSITIVE_INFINITY): void {
  if (rpoMs >= FASTEST_MS) return;
  throw new UsageError('RpoTooShort', 'an RPO of less than 15 minutes cannot be met by copies', {
    hint: 'AWS completes the fastest time-based copy in 15 minutes: --rpo, or replication.rpo in the configuration.',
  });
}

function openCopy(context: Context, ec2: Ec2, {task, rpo, verify}: MethodWish): Method {
  const {journal, config} = context;
  const {replication} = config;
  const rpoMs = rpo ?? replication.rpo;
  refuseShort(rpoMs);
  const wish = {
    task,
    copiesPerRegion: replication.copies_per_region,
    pollIntervalMs: replication.poll_interval,
    timeoutMs: replication.timeout,
    retries: replication.retries,
    encrypted: replication.encrypted,
    kmsKeys: replication.kms_keys,
    verifyPercent: verify === undefined ? replication.verify_percent : Number.parseFloat(verify),
    ...(rpoMs !== undefined && {rpoMs}),
  };
  return copyMethod({run: context, ec2, journal}, wish);
}
