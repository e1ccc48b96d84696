/** The image that temporary instances start from. */
import {FtaskError} from '../../../errors.ts';
import type {Place} from '../patience.ts';

/** Debian's own account: https://wiki.debian.org/Cloud/AmazonEC2Image */
const DEBIAN = '136693071363';
const NEWEST_DEBIAN = 'debian-12-amd64*';

export interface Image {
  readonly id: string;
  /** Where its root volume is attached, as `/dev/xvda`. */
  readonly rootDevice: string;
}

/** The image of this id, else the newest Debian 12. @throws FtaskError `NoImage` */
export async function chooseImage({ec2, region, signal}: Place, id?: string): Promise<Image> {
  const named = id === undefined ? {Name: 'name', Values: [NEWEST_DEBIAN]} : {Name: 'image-id', Values: [id]};
  const Filters = [named, {Name: 'state', Values: ['available']}];
  const Owners = id === undefined ? {Owners: [DEBIAN]} : {};
  const {Images = []} = await ec2.call(region, 'DescribeImages', {...Owners, Filters}, signal);
  const [newest] = [...Images].sort((a, b) => (b.CreationDate ?? '').localeCompare(a.CreationDate ?? ''));
  if (newest?.ImageId !== undefined)
    return {id: newest.ImageId, rootDevice: newest.RootDeviceName ?? '/dev/xvda'};
  const what = id === undefined ? `image ${NEWEST_DEBIAN} of Debian (${DEBIAN})` : `image ${id}`;
  throw new FtaskError('NoImage', `there is no ${what} in ${region}`, {
    hint: 'Name one of this region in temporary.image of the configuration, with its user in temporary.user.',
  });
}
