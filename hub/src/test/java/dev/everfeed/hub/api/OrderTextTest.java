package dev.everfeed.hub.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderTextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'reason':'noon','symbols':['BTC/USDT']} | {'reason':'noon','symbols':['BTC/USDT']}",
        "{'id':'a','secrets':{'api_key':'p4ss'}} | {'id':'a','secrets':{'api_key':'not told'}}",
        "{'id':'a','secrets':'p4ss'} | {'id':'a','secrets':'not told'}",
        "{'secrets':{'id':{'id':'p4ss'}}} | {'secrets':{'id':'not told'}}",
        "{'settings':{'standby':'hot','api_key':'p4ss'}} | {'settings':{'standby':'hot','api_key':'not told'}}",
        "{'api_secret':'p4ss'} | {'api_secret':'not told'}",
        "{'settings':{'stream_url':'wss://me:p4ss@host'}} | {'settings':{'stream_url':'not told'}}",
        "{'reason':{'id':'p4ss'},'symbols':[{'id':'p4ss'}]} | {'reason':'not told','symbols':'not told'}",
        "['p4ss'] | no order",
        "p4ss | not JSON"
      })
  void onlyFieldsThatOrdersHaveAreWrittenDownAndNoSecret(String body, String told) {
    assertThat(OrderText.of(Buffer.buffer(body.replace('\'', '"'))).replace('"', '\''))
        .isEqualTo(told);
  }
}
