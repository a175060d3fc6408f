/**
 * The preload: `node --import @org/tracelog/register app.js`, or --require, or NODE_OPTIONS. Starts the engine, nothing else.
 *
 * CommonJS, so that one file serves all three; the engine is one bundle, because every process pays for its start.
 */
const engine = require('./engine.cjs') as { preload(): void }
engine.preload()
