/** Style sheets are imported for esbuild, which writes them beside the script; they have no value. */
declare module '*.css';
