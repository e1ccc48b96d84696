/** The tasks of this folder: the ones that ftask brings. Yours go beside them. */
export * from 'ftask/tasks';
