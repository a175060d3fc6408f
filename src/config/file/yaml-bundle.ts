/**
 * The entry of dist/yaml.cjs, which is loaded only where there is a YAML file: settings of an application, or rules of the backend.
 */
export { readFiles } from './read-config-files.ts'
export { readYamlSection } from './yaml-reader.ts'
