import { register } from 'tsx/esm/api'

// In a worker thread, `--import tsx` registers nothing.
register()
