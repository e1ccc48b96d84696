/** What `ftask` can always do, whatever the task file holds. */
export {config} from './config.ts';
export {lab_reset} from './lab-reset.ts';
export {lab_serve} from './lab-serve.ts';
export {run} from './run.ts';
