package dev.everfeed.hub.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// One setting: its default, its limits, what it means and when to touch it, in one place. The
/// file is read, checked and documented from this (docs/configuration.md).
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Knob {
  /// The value when the file says nothing, as it would stand in the file; empty for none.
  String value() default "";

  /// Least and greatest accepted value, as they would stand in the file; empty for no limit.
  String min() default "";

  String max() default "";

  /// For a nested record: defaults that differ from the record's own, as `name: value`.
  String[] defaults() default {};

  String means() default "";

  /// When somebody would change it.
  String touch() default "";
}
