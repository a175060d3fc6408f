// Stands in for import-in-the-middle and require-in-the-middle inside the bundle: modules are seen by
// diagnostics channels instead (src/capture/module-hooks.ts), so neither loader hook is ever installed.
class Hook {
  unhook() {}
}
module.exports = { Hook, default: Hook }
