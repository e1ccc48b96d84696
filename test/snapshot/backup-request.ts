/** What tests of backups ask for. */
import type {Region} from '../../src/ec2/ids.ts';
import type {BackupRequest} from '../../src/snapshot/request.ts';

/** All volumes of what is marked for production, in one region. */
export const BACKUP_REQUEST: BackupRequest = {
  regions: ['eu-west-1' as Region],
  selection: {tag: {name: 'Earmarking', value: 'production'}},
  excludeBoot: false,
  excludeDevices: [],
  tags: {},
  synchronously: false,
  retries: 2,
  timeoutMs: 3_600_000,
  pollIntervalMs: 15_000,
  allowEmpty: false,
  dryRun: false,
};
