# SPDX-License-Identifier: Apache-2.0
# The end-to-end tests' own small library: httpd instances, clients, tokens, PHP, log guards.
# It knows mod_avcsec from its contract only and never reads the module's code to decide
# what is right.
