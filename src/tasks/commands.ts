/** What `ftask` can always do, whatever the task file holds. */
export {config} from './config.ts';
