import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Lists models with both clients of Java's own; prints a status for each. */
public class Calls {
  public static void main(String[] args) throws Exception {
    URI uri = URI.create("https://api.anthropic.com/v1/models");
    String key = System.getenv("ANTHROPIC_API_KEY");
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestProperty("x-api-key", key);
    connection.setRequestProperty("anthropic-version", "2023-06-01");
    System.out.println(connection.getResponseCode());
    HttpRequest request =
        HttpRequest.newBuilder(uri).header("x-api-key", key).header("anthropic-version", "2023-06-01").build();
    System.out.println(HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode());
  }
}
