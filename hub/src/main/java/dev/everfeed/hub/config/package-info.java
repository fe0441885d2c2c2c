/// The configuration: one YAML file, the environment over it, checked as a whole before anything
/// starts.
@NullMarked
package dev.everfeed.hub.config;

import org.jspecify.annotations.NullMarked;
