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

use super::fault::FieldError;
use crate::http::House;

const ABOUT: &str = "What a tenant's programs and the operator declare, change and look at.\n\n\
    A field that is sent changes; one that is absent keeps its value. All mistakes are told at once. Another tenant's things \
    are as good as not there: 404.";

/// A description without doors; tenants' keys come in this header.
pub fn blank(key_header: &str) -> OpenApi {
    let header = |name: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name)));
    // Only problems name it, and what refusals are made of is not looked through.
    let components = ComponentsBuilder::new()
        .schema_from::<FieldError>()
        .security_scheme("tenant_key", header(key_header))
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use crate::domain::TenantId;
    use crate::rules::file::body::{self, Kind};
    use crate::rules::finding::code;
    use crate::rules::ruleset::Ruleset;

    fn described() -> Value {
        let described = super::super::described("X-Tenant-Key").into_openapi();
        serde_json::to_value(described).expect("a description")
    }

    #[test]
    fn bodies_have_the_fields_that_are_read() {
        let described = described();
        // What only happens to a thing stands in no body: doors of their own say it.
        for (kind, schema, id, happens) in [
            (Kind::Tenant, "TenantBody", "id", &[][..]),
            (Kind::Account, "ProviderAccountBody", "id", &[]),
            (Kind::Location, "LocationBody", "id", &[]),
            (Kind::Line, "BackofficeLineBody", "id", &[]),
            (Kind::Technician, "TechnicianBody", "id", &[]),
            (Kind::Customer, "CustomerBody", "id", &[]),
            (Kind::WorkOrder, "WorkOrderBody", "id", &[]),
            (Kind::Number, "NumberBody", "e164", &["state", "released_at"]),
            (Kind::Session, "SessionBody", "id", &[]),
        ] {
            let schema = &described["components"]["schemas"][schema];
            let told: BTreeSet<&str> =
                schema["properties"].as_object().expect("an object").keys().map(String::as_str).collect();
            let read = body::fields(kind).iter().copied().filter(|field| !happens.contains(field));
            let read: BTreeSet<&str> = read.chain([id]).collect();
            assert_eq!(told, read, "{kind:?}");
            assert_eq!(schema["additionalProperties"], json!(false), "{kind:?}");
        }
    }

    #[test]
    fn what_is_inside_of_bodies_is_read_too() {
        let described = described();
        for (kind, schema, inside) in [
            (Kind::Tenant, "LimitsBody", "limits"),
            (Kind::Tenant, "DeepcallBody", "deepcall"),
            (Kind::Location, "QueueBody", "dispatcher_queue"),
            (Kind::Location, "RuleBody", "rule"),
            (Kind::Location, "ConditionsBody", "rule.when"),
        ] {
            let properties = described["components"]["schemas"][schema]["properties"].as_object().expect("an object");
            for (field, known) in properties.keys().map(|field| (field.as_str(), true)).chain([("nothing", false)]) {
                let object = json!({ field: 3 });
                let sent = match inside {
                    "rule" => json!({ "rule": [object] }),
                    "rule.when" => json!({ "rule": [{ "when": object }] }),
                    _ => json!({ inside: object }),
                };
                let base = Ruleset::blank(&TenantId::from("acme"));
                let found = body::read(kind, "acme", &sent, &base).err().unwrap_or_default();
                let unknown = found.iter().any(|finding| finding.code == Some(code::UNKNOWN_FIELD));
                assert_eq!(unknown, !known, "{inside} {field}: {found:?}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let described = described();
        let text = described.to_string();
        let names = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
        let names: BTreeSet<&str> = names.collect();
        assert!(names.len() > 10);
        for name in names {
            assert!(described["components"]["schemas"][name].is_object(), "{name}");
        }
    }
}
