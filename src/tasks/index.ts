/** The tasks that ftask brings: `export * from 'ftask/tasks'` in a task file of your own. */
export {app_backup} from './app/app-backup.ts';
export {app_restore} from './app/app-restore.ts';
export {app_verify} from './app/app-verify.ts';
export {fastdeploy_backup} from './app/fastdeploy-backup.ts';
export {fastdeploy_restore} from './app/fastdeploy-restore.ts';
export {backup_instance} from './backup/instance.ts';
export {backup_instances_by_tag} from './backup/instances-by-tag.ts';
export {mount_snapshot} from './mount-snapshot.ts';
export {rsync_all_regions} from './replication/rsync-all-regions.ts';
export {rsync_mountpoints} from './replication/rsync-mountpoints.ts';
export {rsync_region} from './replication/rsync-region.ts';
export {rsync_snapshot} from './replication/rsync-snapshot.ts';
export {delete_broken_snapshots} from './retention/delete-broken-snapshots.ts';
export {trim_snapshots} from './retention/trim-snapshots.ts';
