/** Its own folder is the root, whatever lies above it. */
export default { turbopack: { root: import.meta.dirname } }
