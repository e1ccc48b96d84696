/** The image that temporary instances start from. */
import {FtaskError} from '../../errors.ts';
import type {Place} from './patience.ts';

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
  const Filters = [
    {Name: 'name', Values: [NEWEST_DEBIAN]},
    {Name: 'state', Values: ['available']},
  ];
  const wish = id === undefined ? {Owners: [DEBIAN], Filters} : {ImageIds: [id]};
  const {Images = []} = await ec2.call(region, 'DescribeImages', wish, signal);
  const [newest] = [...Images].sort((a, b) => textOf(b.CreationDate).localeCompare(textOf(a.CreationDate)));
  if (newest?.ImageId !== undefined)
    return {id: newest.ImageId, rootDevice: newest.RootDeviceName ?? '/dev/xvda'};
  throw new FtaskError('NoImage', `no image ${NEWEST_DEBIAN} of ${DEBIAN} in ${region}`, {
    hint: 'Name another in temporary.image of the configuration, with its user in temporary.user.',
  });
}

function textOf(date: string | undefined): string {
  return date ?? '';
}
