/**
 * Builds dist/: one file per source by tsc, and the application's half as bundles (engine, export worker, and what is loaded on demand).
 *
 * The bundles exist for start-up time: every process of every user pays for the preload (src/ARCHITECTURE.md, decisions).
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

import { buildUi } from './build-ui.mjs'
import { lazyBuiltins } from './lazy-builtins.mjs'
import { buildInChunks } from './lazy-chunks.mjs'
import { keepPublicDeclarations } from './public-declarations.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

/** Not code, so tsc leaves them behind. */
const ASSETS = ['src/**/*.{sql,html,svg}', 'src/backend/ui/style.css']

rmSync(dist, { recursive: true, force: true })
const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (tsc.status !== 0) process.exit(tsc.status ?? 1)

for (const file of globSync(ASSETS, { cwd: root })) {
  const to = join(dist, file.slice('src/'.length))
  mkdirSync(dirname(to), { recursive: true })
  cpSync(join(root, file), to)
}

await buildUi()

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node22.15',
  format: 'cjs',
  // The .mjs builds of the OpenTelemetry packages are the ones that can be tree-shaken.
  conditions: ['node', 'import'],
  define: { 'import.meta.url': '__importMeta.url' },
  banner: { js: "const __importMeta = { get url() { return require('node:url').pathToFileURL(__filename).href; } };" },
  // Never called: we hand instrumentation-http its module ourselves (src/capture/http/).
  alias: {
    'import-in-the-middle': join(root, '.ci/no-loader-hook.cjs'),
    'require-in-the-middle': join(root, '.ci/no-loader-hook.cjs'),
  },
  legalComments: 'none',
  // Chunks are read as latin1 (src/app/chunk.ts).
  charset: 'ascii',
  logLevel: 'warning',
}

await buildInChunks({ ...shared, plugins: [lazyBuiltins(), noMachineId()] }, 'src/app/engine.ts', {
  messaging: ['amqplib', 'bullmq', 'kafkajs', 'nats'].map((name) => `src/capture/messaging/${name}/${name}-hook.ts`),
  winston: ['winston-bridge', 'hook-logger', 'scope-names'].map((name) => `src/capture/loggers/winston/${name}.ts`),
  // For who writes anything, and for what we say ourselves.
  records: ['src/app/record-chain.ts', 'src/model/secrets/own-text.ts'],
  tasks: ['src/tasks/tasks.ts'],
  // Where TRACELOG_RETURN is on.
  returning: ['src/app/return-handler.ts'],
  // Hooks of libraries (src/capture/library-instrumentation.ts), one chunk per kind: each is one file to read at the start.
  loggers: ['pino/pino-hook', 'bunyan/bunyan-hook', 'stdio-records'].map((name) => `src/capture/loggers/${name}.ts`),
  // For tests of applications alone.
  testing: ['src/app/witnesses.ts'],
  grpc: ['src/capture/grpc/grpc-js.ts'],
  http2: ['src/capture/http/http2-client.ts'],
  frameworks: [
    'src/capture/express.ts',
    'src/capture/graphql.ts',
    'src/capture/proxy-packages.ts',
    ...['fastify', 'hapi', 'hono', 'koa', 'nest'].map((name) => `src/capture/routes/${name}.ts`),
  ],
  caches: ['instrument-cache', 'keyv', 'lru-cache', 'memcached', 'memjs', 'node-cache'].map(
    (name) => `src/capture/cache/${name}.ts`,
  ),
  databases: ['pg', 'mysql2', 'mongodb'].map((name) => `src/capture/database/${name}.ts`),
})
await build({
  ...shared,
  entryPoints: { engine: 'src/app/engine-bundle.ts', 'export-worker': 'src/app/worker-bundle.ts' },
  banner: {},
  external: ['./engine-start.cjs', './export-worker-main.cjs'],
})
await build({
  ...shared,
  entryPoints: {
    'export-worker-main': 'src/export/worker/main.ts',
    'http-reference': 'src/capture/http/reference-instrumentation.ts',
  },
  plugins: [noMachineId()],
})
// Most of these is a library of others, in all its comments: loaded where a variable asks for them.
await build({
  ...shared,
  entryPoints: { yaml: 'src/config/file/yaml-bundle.ts', metrics: 'src/app/metrics/metrics.ts' },
  plugins: [noMachineId()],
  minifyWhitespace: true,
  minifySyntax: true,
})

// For callers, in browsers too: one file, which may name nothing of Node's.
for (const [format, extension] of /** @type {const} */ ([
  ['esm', '.js'],
  ['cjs', '.cjs'],
])) {
  await build({
    absWorkingDir: root,
    entryPoints: { client: 'src/client.ts' },
    outdir: 'dist',
    outExtension: { '.js': extension },
    allowOverwrite: true,
    bundle: true,
    platform: 'neutral',
    target: ['es2022', 'node22.15'],
    format,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
  })
}
// Of CommonJS too, for which declarations have names of their own.
for (const file of globSync('{client,client/*}.d.ts', { cwd: dist })) {
  const types = readFileSync(join(dist, file), 'utf8').replaceAll(/(from '\..*?)\.(?:js|ts)'/g, "$1.cjs'")
  writeFileSync(join(dist, file.replace(/\.ts$/, '.cts')), types)
}
for (const file of globSync('client/*.js', { cwd: dist })) rmSync(join(dist, file))

// The application half runs from the bundles only, but for the redactor, which the backend has too.
for (const file of globSync('{app,capture,context,record,process/recorder}/**/*.js', { cwd: dist }))
  rmSync(join(dist, file))

// So do tasks, but for the one that does nothing where nothing was started, and the decorator.
for (const file of globSync('tasks/*.js', { cwd: dist }))
  if (!/(?:no-task|goal)\.js$/.test(file)) rmSync(join(dist, file))

// What reads configuration files runs from its bundle too.
for (const file of globSync('config/file/*.js', { cwd: dist }))
  if (!/(?:file-settings|find-config-files)\.js$/.test(file)) rmSync(join(dist, file))

keepPublicDeclarations(root)

if (existsSync(join(dist, 'cli.js'))) chmodSync(join(dist, 'cli.js'), 0o755)

/**
 * The SDK's resource detector asks for it by dynamic imports, which nobody calls here; for their sake esbuild would make each module of
 * the API a function that is run on demand.
 *
 * @returns {import('esbuild').Plugin}
 */
function noMachineId() {
  return {
    name: 'no-machine-id',
    setup(plugged) {
      plugged.onLoad({ filter: /[\\/]machine-id[\\/]getMachineId\.mjs$/ }, () => ({
        contents: 'export const getMachineId = async () => undefined',
      }))
    },
  }
}
