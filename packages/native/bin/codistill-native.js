#!/usr/bin/env node
// npm links a command only where its file is there when it installs, and in this repository dist is not yet.
import '../dist/bin.js';
