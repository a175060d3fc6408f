/**
 * kafkajs 2: sends and what handles messages, as hops. It announces neither, so its own functions are the seams; which ones says the
 * file that deals with each side.
 */
import type { LibraryFile, LibraryHook } from '../../library-instrumentation.ts'
import type { PackageFile } from '../../package-files.ts'
import type { MessagingOptions } from '../messaging-options.ts'
import { createConsumerSide } from './consumer-side.ts'
import { createProducerSide } from './producer-side.ts'

/** A file of kafkajs, and what it is to us. */
export interface KafkajsFile extends PackageFile {
  readonly role: 'send-messages' | 'record' | 'runner' | 'consumer-group' | 'batch' | 'errors'
}

/** Opened when the first of kafkajs' files is loaded. */
export function createKafkajsHook(options: MessagingOptions): LibraryHook<KafkajsFile> {
  let isEnabled = true
  const isOn = () => isEnabled
  const producers = createProducerSide(options, isOn)
  const consumers = createConsumerSide(options, isOn)
  const known = new WeakSet<object>()
  const watch = ({ file, exports, module }: LibraryFile<KafkajsFile>): void => {
    switch (file.role) {
      case 'send-messages':
        module.exports = producers.sendMessagesFactory(exports)
        break
      case 'record':
        module.exports = producers.recordEncoder(exports)
        break
      case 'runner':
        consumers.watchRunners(exports)
        break
      case 'consumer-group':
        consumers.watchGroups(exports)
        break
      case 'batch':
        consumers.watchBatches(exports)
        break
      case 'errors':
        consumers.watchErrors(exports)
    }
  }
  return {
    onFile(loaded) {
      const { exports, module } = loaded
      isEnabled = true
      // What stands in for a function of kafkajs is in use already, and stays: it asks each time whether it is wanted.
      if (!known.has(exports as object)) watch(loaded)
      known.add(exports as object).add(module.exports as object)
      return () => {
        isEnabled = false
      }
    },
  }
}
