/**
 * Builds the bundle that every application loads in parts: what a start needs, and chunks whose text is compiled by their first use.
 *
 * A chunk is named by its doors: sources of which other code uses functions only. In the start's bundle each door becomes a stub with the
 * same functions, which loads the chunk (src/app/chunk.ts). What both need is in the start's bundle alone and is handed to the chunks;
 * what several chunks need is in the chunk `common`: each source runs once. Sources know nothing of it; a door that exports more than
 * functions would not work, and its stub says so.
 */
import { join, relative } from 'node:path'

import { build } from 'esbuild'

/**
 * @param base  esbuild's options for both kinds
 * @param entry  the start's source, from the root
 * @param chunks  by name: their doors, from the root
 */
export async function buildInChunks(base, entry, chunks) {
  const root = base.absWorkingDir
  const doors = new Map(
    Object.entries(chunks).flatMap(([name, files]) => files.map((file) => [join(root, file), name])),
  )
  const exported = exportsOf(root)
  const front = await build({
    ...base,
    entryPoints: [entry],
    plugins: [...base.plugins, doorStubs(doors, exported)],
    metafile: true,
    write: false,
  })
  const isInFront = sharedOf(root, front.metafile)
  const used = new Map()
  const buildChunk = (name, contents, isShared, more = {}) =>
    build({
      ...base,
      stdin: { contents, resolveDir: root },
      entryPoints: undefined,
      outdir: undefined,
      outfile: join(base.outdir, `engine-${name}.cjs`),
      plugins: [...base.plugins, sharedModules(isShared, exported, used)],
      metafile: true,
      ...more,
    })
  const contentsOf = (files) => files.map((file) => `export * from './${file}'`).join('\n')

  // What several chunks need, and no start, is a chunk of its own: the first of them that runs has it compiled.
  const asked = new Map()
  for (const [name, files] of Object.entries(chunks)) {
    const { metafile } = await buildChunk(name, contentsOf(files), isInFront, { write: false })
    for (const file of inputsOf(metafile)) asked.set(file, (asked.get(file) ?? 0) + 1)
  }
  const several = [...asked].filter(([, times]) => times > 1).map(([file]) => file)
  const common = new Set(
    several.length === 0 ? [] : inputsOf((await buildChunk(COMMON, modulesOf(several), isInFront)).metafile),
  )
  if (common.size > 0) await buildChunk(COMMON, modulesOf([...common]), isInFront)

  const isShared = (path) => isInFront(path) || common.has(relative(root, path))
  for (const [name, files] of Object.entries(chunks)) await buildChunk(name, contentsOf(files), isShared)

  const ofFront = [...used.keys()].filter((file) => !common.has(file))
  await build({
    ...base,
    stdin: { contents: frontWithShared(entry, ofFront, [...common]), resolveDir: root, loader: 'ts' },
    entryPoints: undefined,
    outdir: undefined,
    outfile: join(base.outdir, 'engine-start.cjs'),
    plugins: [...base.plugins, doorStubs(doors, exported)],
  })
}

/** The chunk of what several chunks need. */
const COMMON = 'common'

/** The exports of each source, by its path. */
function modulesOf(files) {
  return [
    ...files.map((file, index) => `import * as module${index} from './${file}'`),
    `export const modules = { ${files.map((file, index) => `${JSON.stringify(file)}: module${index}`).join(', ')} }`,
  ].join('\n')
}

/** The names that a source exports as values. */
function exportsOf(root) {
  const known = new Map()
  return async (path) => {
    if (!known.has(path)) {
      const options = { absWorkingDir: root, entryPoints: [path], bundle: false, format: 'esm', outdir: 'x' }
      const { metafile } = await build({ ...options, write: false, metafile: true, logLevel: 'silent' })
      known.set(
        path,
        Object.values(metafile.outputs)[0].exports.filter((name) => name !== 'default'),
      )
    }
    return known.get(path)
  }
}

/** Sources of which anything is in the output. */
function inputsOf({ outputs }) {
  const [output] = Object.values(outputs)
  return Object.entries(output.inputs)
    .filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && /^(?:src|node_modules)\//.test(file))
    .map(([file]) => file)
}

function sharedOf(root, metafile) {
  const shared = new Set(inputsOf(metafile).map((file) => join(root, file)))
  // Its index re-exports, and is itself no code.
  return (path) => shared.has(path) || path.startsWith(join(root, 'node_modules/@opentelemetry/api/'))
}

/** For the start's bundle: a door is a stub. */
function doorStubs(doors, exported) {
  return {
    name: 'door-stubs',
    setup(plugged) {
      plugged.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, namespace }) => {
        const file = join(resolveDir, path)
        return namespace === 'file' && doors.has(file)
          ? { path: relative(plugged.initialOptions.absWorkingDir, file), namespace: 'door', sideEffects: false }
          : undefined
      })
      plugged.onLoad({ filter: /.*/, namespace: 'door' }, async ({ path }) => ({
        contents: [
          `import { load } from 'chunk:${doors.get(join(plugged.initialOptions.absWorkingDir, path))}'`,
          ...(await exported(path)).map(
            (name) => `export function ${name}(...args) { return load().${name}(...args) }`,
          ),
        ].join('\n'),
        resolveDir: plugged.initialOptions.absWorkingDir,
      }))
      plugged.onResolve({ filter: /^chunk:/ }, ({ path }) => ({
        path: path.slice('chunk:'.length),
        namespace: 'chunk',
      }))
      plugged.onLoad({ filter: /.*/, namespace: 'chunk' }, ({ path }) => ({
        contents: `import { chunkBeside } from './src/app/chunk.ts'
export const load = chunkBeside(__dirname, 'engine-${path}.cjs', require)`,
        resolveDir: plugged.initialOptions.absWorkingDir,
      }))
    },
  }
}

/** For a chunk: what is in the start's bundle is taken from there. */
function sharedModules(isShared, exported, used) {
  return {
    name: 'shared-modules',
    setup(plugged) {
      const root = plugged.initialOptions.absWorkingDir
      plugged.onResolve(
        { filter: /^\.|^@opentelemetry\// },
        async ({ path, kind, resolveDir, importer, pluginData }) => {
          if (pluginData === 'asked') return undefined
          const resolved = await plugged.resolve(path, { kind, resolveDir, importer, pluginData: 'asked' })
          if (resolved.errors.length > 0 || !isShared(resolved.path)) return undefined
          // Paths stand in the bundles' comments: those of this machine are nobody's business.
          const source = relative(root, resolved.path)
          used.set(source, true)
          return { path: source, namespace: 'shared', sideEffects: false }
        },
      )
      plugged.onLoad({ filter: /.*/, namespace: 'shared' }, async ({ path }) => ({
        contents: [
          `const shared = __shared[${JSON.stringify(path)}]`,
          ...(await exported(path)).map((name) => `export const ${name} = /* @__PURE__ */ (() => shared.${name})()`),
        ].join('\n'),
      }))
    },
  }
}

function frontWithShared(entry, files, common) {
  const shared = files.map((file, index) => `${JSON.stringify(file)}: shared${index}`)
  const late = common.map((file) => `get ${JSON.stringify(file)}() { return load().modules[${JSON.stringify(file)}] }`)
  return [
    `export * from './${entry}'`,
    `import { shareModules } from './src/app/chunk.ts'`,
    ...(common.length > 0 ? [`import { load } from 'chunk:${COMMON}'`] : []),
    ...files.map((file, index) => `import * as shared${index} from ${JSON.stringify(`./${file}`)}`),
    `shareModules({ ${[...shared, ...late].join(', ')} })`,
  ].join('\n')
}
