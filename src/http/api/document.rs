//! The description of the API: `/openapi.json`, made from the doors themselves, and a page to read it at `/docs`.
//!
//! Deliberately not here: what each door says of itself.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::http::House;

const ABOUT: &str = "What a tenant's programs and the operator declare, change and look at.\n\n\
    A field that is sent changes; one that is absent keeps its value. All mistakes are told at once. Another tenant's things \
    are as good as not there: 404.";

/// A description without doors.
pub fn blank() -> OpenApi {
    let header = |name: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name)));
    let components = ComponentsBuilder::new()
        .security_scheme("tenant_key", header("X-Tenant-Key"))
        .security_scheme("bearer", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()))
        .build();
    let info = InfoBuilder::new()
        .title("Hookswitch")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(License::new("MIT")));
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components))
        .security(Some([
            SecurityRequirement::new::<_, [&str; 0], &str>("tenant_key", []),
            SecurityRequirement::new::<_, [&str; 0], &str>("bearer", []),
        ]))
        .build()
}

/// Gives each door a name of its own: its path and its method.
fn name(described: &mut OpenApi) {
    for (path, item) in &mut described.paths.paths {
        let words: Vec<&str> = path.split(['/', '{', '}', '-']).filter(|word| !word.is_empty()).skip(2).collect();
        let words = words.join("_");
        let doors = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, door) in doors {
            if let Some(door) = door {
                door.operation_id = Some(format!("{words}_{method}"));
            }
        }
    }
}

/// The pages that show it.
pub fn pages(mut described: OpenApi) -> Router<Arc<House>> {
    name(&mut described);
    let text = described.to_json().unwrap_or_default();
    let document = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text).into_response() });
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json"));
    Router::new().route("/openapi.json", document).merge(page)
}
