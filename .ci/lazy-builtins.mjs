/**
 * In the bundle that every application loads: Node's own modules are loaded by the first use of one of their exports, not by the import.
 *
 * `net`, `worker_threads`, `perf_hooks` and what they bring are 43 modules and 8 ms of a start that needs none of them. Those that Node
 * loads itself before any code of a user stay plain imports. test/app/loaded-builtins.test.ts holds the list of what is loaded at start.
 */
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'

/** Loaded by each of our Nodes before a preload runs. */
const LOADED_BY_NODE = new Set(
  'async_hooks buffer diagnostics_channel events fs module path querystring timers url util'.split(' '),
)

const bareName = (name) => name.replace(/^node:/, '')

/** @returns an esbuild plugin */
export function lazyBuiltins() {
  return {
    name: 'lazy-builtins',
    setup(build) {
      build.onResolve({ filter: /^(?:node:)?[a-z_]+(?:\/[a-z]+)?$/ }, ({ path, kind, importer }) => {
        if (kind !== 'import-statement' || !isBuiltin(path) || LOADED_BY_NODE.has(bareName(path))) return undefined
        if (importsDefault(importer, path))
          return { errors: [{ text: `import names of ${path}: its default is not it` }] }
        return { path: bareName(path), namespace: 'lazy-builtin', sideEffects: false }
      })
      build.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, async ({ path }) => {
        const names = Object.keys(await import(`node:${path}`)).filter((name) => name !== 'default')
        return { contents: lazyModule(`node:${path}`, names), loader: 'js' }
      })
    },
  }
}

/** What stands for the module hands its exports on, and is not the module itself. */
function importsDefault(importer, path) {
  const source = readFileSync(importer, 'utf8')
  return source.split(/\bimport\s+/).some((rest) => /^[\w$]+\s*(?:,[^;'"]*)?\sfrom\s/.test(rest) && isFrom(rest, path))
}

function isFrom(rest, path) {
  return /from\s+['"]([^'"]+)/.exec(rest)?.[1] === path
}

function lazyModule(name, names) {
  return `let loaded;
const load = () => (loaded ??= process.getBuiltinModule('${name}'));
for (const name of '${names.join(' ')}'.split(' '))
  Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });
`
}
