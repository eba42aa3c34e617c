//! The management API under `/api/v1`: what a tenant's programs and the operator declare, change and look at.
//!
//! Deliberately not here: what may be declared (`rules`), writing it down (`switchboard::desk`), and the two compatible
//! APIs. Each file is one resource: its shape, and a door for each thing that can be done with it.

mod accounts;
mod answer;
mod asked;
mod audit;
mod call_back;
mod callback_secrets;
mod caller;
mod change;
mod crud;
mod customers;
mod deliveries;
mod document;
mod erasures;
mod fault;
mod hours;
mod interactions;
mod keys;
mod limit;
mod lines;
mod location_rule;
mod location_shape;
mod locations;
mod messages;
mod numbers;
mod opt_outs;
mod overrides;
mod page;
mod preview;
mod recordings;
mod sessions;
mod settings;
mod span;
mod taken;
mod technicians;
mod tenants;
mod timeline;
mod todos;
mod voicemails;
mod words;
mod work_orders;

use std::sync::Arc;

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::any;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::fault::Fault;
use super::House;

pub(in crate::http) use asked::decoded;
pub(in crate::http) use caller::{name_request, request_name};
pub use limit::Limit;

/// The longest body of a request.
const LONGEST: usize = 1024 * 1024;

/// The doors, and the pages that describe them; keys come in this header.
pub fn doors(key_header: &str) -> Router<Arc<House>> {
    let (doors, described) = described(key_header).split_for_parts();
    let doors = doors.merge(document::pages(described)).method_not_allowed_fallback(fault::wrong_method);
    doors.route("/api/v1/{*rest}", any(fault::nothing_there)).layer(
        ServiceBuilder::new()
            .layer(from_fn(caller::name_request))
            .layer(from_fn(fault::only_text))
            .layer(HandleErrorLayer::new(async |_| Fault::unable("There is too much to do at present.")))
            .layer(LoadShedLayer::new())
            .layer(GlobalConcurrencyLimitLayer::new(AT_ONCE))
            .layer(CatchPanicLayer::custom(|_| fault::broken().into_response())),
    )
}

/// Requests worked on at one time; beyond it they are turned away, and webhooks are not.
const AT_ONCE: usize = 256;

/// Every door with its description.
fn described(key_header: &str) -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::with_openapi(document::blank(key_header))
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(tenants::show, tenants::change, tenants::remove))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::show, accounts::change, accounts::remove))
        .routes(routes!(locations::list, locations::create))
        .routes(routes!(locations::show, locations::change, locations::remove))
        .routes(routes!(hours::show))
        .routes(routes!(overrides::list, overrides::create))
        .routes(routes!(overrides::show, overrides::remove))
        .routes(routes!(lines::list, lines::create))
        .routes(routes!(lines::show, lines::change, lines::remove))
        .routes(routes!(customers::list, customers::create))
        .routes(routes!(customers::show, customers::change, customers::remove))
        .routes(routes!(technicians::list, technicians::create))
        .routes(routes!(technicians::show, technicians::change, technicians::remove))
        .routes(routes!(settings::show, settings::change))
        .routes(routes!(settings::audit))
        .routes(routes!(settings::revert))
        .routes(routes!(work_orders::list, work_orders::create))
        .routes(routes!(work_orders::show, work_orders::change, work_orders::remove))
        .routes(routes!(work_orders::assign))
        .routes(routes!(work_orders::complete))
        .routes(routes!(work_orders::reopen))
        .routes(routes!(work_orders::cancel))
        .routes(routes!(numbers::list, numbers::import))
        .routes(routes!(numbers::show, numbers::change, numbers::remove))
        .routes(routes!(numbers::release))
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(sessions::show, sessions::change, sessions::end))
        .merge(happened())
}

/// The doors to what happened, and to what would.
fn happened() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(interactions::list))
        .routes(routes!(interactions::show))
        .routes(routes!(messages::list))
        .routes(routes!(messages::show))
        .routes(routes!(recordings::list))
        .routes(routes!(recordings::show))
        .routes(routes!(recordings::audio))
        .routes(routes!(voicemails::list))
        .routes(routes!(voicemails::show))
        .routes(routes!(voicemails::audio))
        .routes(routes!(todos::list))
        .routes(routes!(todos::show, todos::change))
        .routes(routes!(call_back::create))
        .routes(routes!(opt_outs::list, opt_outs::create))
        .routes(routes!(opt_outs::show, opt_outs::remove))
        .routes(routes!(preview::preview))
        .routes(routes!(erasures::list, erasures::create))
        .routes(routes!(erasures::show))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::show))
        .routes(routes!(deliveries::retry))
        .routes(routes!(callback_secrets::list, callback_secrets::rotate))
        .routes(routes!(audit::list))
        .routes(routes!(audit::show))
}
