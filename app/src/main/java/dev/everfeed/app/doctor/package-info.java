/// What `everfeed doctor` looks at: whether a hub can run here, and runs well.
@NullMarked
package dev.everfeed.app.doctor;

import org.jspecify.annotations.NullMarked;
