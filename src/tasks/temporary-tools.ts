/** What tasks hand to those who make temporary instances. */
import type {Context} from '../context/context.ts';
import type {Ec2} from '../ec2/client.ts';
import type {TemporaryTools} from '../temporary/temporary-tools.ts';

/** As the configuration has them. */
export function temporaryTools(context: Context, ec2: Ec2): TemporaryTools {
  const {config, temporary} = context;
  const {image, user, instance_type: type, subnet, ssh_from: openTo, expiry: expiryMs} = config.temporary;
  return {
    run: context,
    ec2,
    temporary: {
      user,
      type,
      openTo,
      expiryMs,
      ...(image !== undefined && {image}),
      ...(subnet !== undefined && {subnet}),
    },
    keyPair: temporary.keyPair,
    temporaryHost: temporary.host,
  };
}
