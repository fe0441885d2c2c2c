@org.jspecify.annotations.NullMarked
package dev.everfeed.hub.account;
