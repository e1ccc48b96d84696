/** What `ftask` can always do, whatever the task file holds. */
export {cleanup} from './cleanup.ts';
export {config} from './config.ts';
export {get} from './get.ts';
export {hosts} from './hosts.ts';
export {lab_down} from './lab/down.ts';
export {lab_reset} from './lab/reset.ts';
export {lab_serve} from './lab/serve.ts';
export {lab_status} from './lab/status.ts';
export {lab_up} from './lab/up.ts';
export {put} from './put.ts';
export {run} from './run.ts';
export {shell} from './shell.ts';
