// Imported first by the worker threads of the simulation, where `--import tsx` registers nothing.
import { register } from 'tsx/esm/api'

register()
