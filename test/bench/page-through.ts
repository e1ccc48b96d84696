/** `page-through.ts URL REGION`: lists one's own snapshots with the SDK as it is, and prints how many there are. */
import {EC2, paginateDescribeSnapshots} from '@aws-sdk/client-ec2';

const [endpoint = '', region = ''] = process.argv.slice(2);
const client = new EC2({endpoint, region, credentials: {accessKeyId: 'test', secretAccessKey: 'test'}});
let count = 0;
for await (const page of paginateDescribeSnapshots({client, pageSize: 1000}, {OwnerIds: ['self']})) {
  count += page.Snapshots?.length ?? 0;
}
process.stdout.write(`${count}\n`);
