"""The routes of the server."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse

import pixelwise
from pixelwise.serve import pages
from pixelwise.serve.accepting import FORMS, preferred
from pixelwise.serve.bodies import form_of, image_of
from pixelwise.serve.desk import Desk
from pixelwise.serve.faults import Around, handle_faults
from pixelwise.serve.interface import (
    CORRECTION_BODY,
    IMAGE_BODY,
    PICTURES,
    Model,
    Models,
    Prediction,
    Saved,
    refused,
)
from pixelwise.serve.limits import Limits
from pixelwise.serve.metrics import Metrics
from pixelwise.serve.models import Served
from pixelwise.serve.predicting import Kitchen, while_wanted
from pixelwise.serve.rendering import Kind
from pixelwise.serve.worker import Worker


class Api:
    """The routes, and what they share."""

    def __init__(self, models: Sequence[Served], limits: Limits, desk: Desk, metrics: Metrics) -> None:
        self.models = {served.name: served for served in models}
        self.limits, self.desk, self.metrics = limits, desk, metrics
        self.kitchen: Kitchen | None = None

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncGenerator[None]:
        """The worker is at work while the server is up."""
        worker = Worker(self.limits, self.metrics.batched)
        self.kitchen = Kitchen(self.limits, worker)
        working = asyncio.create_task(worker.work())
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            self.kitchen.close()
            self.kitchen = None

    def list_models(self) -> Response:
        """All models, with their classes and limits."""
        return JSONResponse({"models": [served.told(self.limits) for served in self.models.values()]})

    def one_model(self, name: str) -> Response:
        """One model, with its classes and limits."""
        return JSONResponse(self._served(name).told(self.limits))

    async def predict(
        self,
        request: Request,
        name: str,
        kind: Annotated[Kind, Query(description="Which picture, where one is asked for.")] = "index",
        polygons: Annotated[bool, Query(description="Whether JSON tells polygons.")] = True,
    ) -> Response:
        """Label an image; the Accept header says in which form.

        JSON tells shares, certainty and polygons; image/png is an index PNG, or one in colours; image/tiff
        keeps the place of the image. `application/vnd.pixelwise.labels+confidence` is a PNG of two channels:
        the class of each pixel (255 for none), and how probable it is (1 to 255).
        """
        served = self._served(name)
        form = preferred(", ".join(request.headers.getlist("accept")))
        if form is None:
            asked = request.headers["accept"][:80]
            raise HTTPException(406, f"there is no {asked!r} here. There are: {', '.join(FORMS)}.")
        kitchen = self._kitchen()
        with self.desk.place():
            content = await image_of(request, self.limits)
            return await while_wanted(
                request,
                self.limits,
                lambda: kitchen.predict(content, served, form, kind, polygons=polygons),
            )

    async def correct(self, request: Request, name: str) -> Response:
        """Keep corrected labels with their image, as data to train on."""
        served, kitchen = self._served(name), self._kitchen()
        with self.desk.place():
            form = await form_of(request, self.limits)
            image, labels = form.file("image"), form.file("labels")
            saved, number = await while_wanted(
                request,
                self.limits,
                lambda: kitchen.correct(image, labels, form.words.get("name", ""), served),
            )
        return JSONResponse({"saved": saved, "images": number}, 201)

    def alive(self) -> Response:
        """Whether the process lives."""
        return JSONResponse({"alive": True})

    def ready(self) -> Response:
        """Whether images are taken: 503 before models are open and while the server is about to stop."""
        self._kitchen()
        if self.desk.draining:
            raise HTTPException(503, "the server is about to stop. Ask another one.")
        return JSONResponse({"ready": True})

    def counts(self) -> Response:
        """What was counted, for Prometheus."""
        return Response(self.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    def _served(self, name: str) -> Served:
        if name not in self.models:
            known = ", ".join(self.models)
            raise HTTPException(
                404, f"there is no model {name[:80]!r}. There are: {known}. Ask for one of them."
            )
        return self.models[name]

    def _kitchen(self) -> Kitchen:
        if self.kitchen is None:
            raise HTTPException(
                503, "the server is not ready yet. Ask again in a while.", {"Retry-After": "1"}
            )
        return self.kitchen


def build_app(
    models: Sequence[Served],
    limits: Limits | None = None,
    *,
    key: str = "",
    origins: Sequence[str] = (),
) -> tuple[FastAPI, Desk]:
    """The server as an ASGI app, and its desk, which can be told to drain.

    Args:
        models: What is served.
        limits: Bounds.
        key: What clients must show; nothing is asked for where it is empty.
        origins: Other sites whose pages may use the server.
    """
    bounds, metrics = limits or Limits(), Metrics()
    desk = Desk(bounds, metrics, key=key, origins=tuple(origins))
    api = Api(models, bounds, desk, metrics)
    app = FastAPI(
        title="pixelwise",
        version=pixelwise.__version__,
        description="Images in, labels out.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=api.lifespan,
    )
    app.include_router(_versioned(api, desk))
    _add_others(app, api, desk)
    handle_faults(app)
    app.add_middleware(Around, metrics=metrics)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type"],
            expose_headers=["Retry-After"],
        )
    return app, desk


def _versioned(api: Api, desk: Desk) -> APIRouter:
    """The interface that programs build on."""
    router = APIRouter(prefix="/v1/models", tags=["models"], dependencies=[Depends(desk.admit)])
    router.add_api_route(
        "", api.list_models, response_model=Models, response_description="All", responses=refused(401)
    )
    router.add_api_route(
        "/{name}",
        api.one_model,
        response_model=Model,
        response_description="It",
        responses=refused(401, 404, 422),
    )
    router.add_api_route(
        "/{name}/predict",
        api.predict,
        methods=["POST"],
        response_model=Prediction,
        response_description="What was found",
        responses={200: PICTURES, **refused(400, 401, 403, 404, 406, 408, 413, 415, 422, 503)},
        openapi_extra=IMAGE_BODY,
    )
    router.add_api_route(
        "/{name}/corrections",
        api.correct,
        methods=["POST"],
        response_model=Saved,
        response_description="It is kept",
        status_code=201,
        responses=refused(400, 401, 403, 404, 408, 413, 415, 422, 503),
        openapi_extra=CORRECTION_BODY,
    )
    return router


def _add_others(app: FastAPI, api: Api, desk: Desk) -> None:
    """Pages, health and counts."""

    def home(request: Request) -> Response:
        return pages.page_file(request, "index.html")

    def docs(request: Request) -> Response:
        return pages.reference(request, app.openapi())

    app.add_api_route("/", home, include_in_schema=False)
    app.add_api_route("/page/{name}", pages.page_file, include_in_schema=False)
    app.add_api_route("/docs", docs, include_in_schema=False)
    app.add_api_route("/docs.css", pages.reference_style, include_in_schema=False)
    health: dict[str, Any] = {"tags": ["health"], "response_description": "Yes"}
    app.add_api_route("/healthz", api.alive, **health)
    app.add_api_route("/readyz", api.ready, responses=refused(503), **health)
    app.add_api_route(
        "/metrics",
        api.counts,
        tags=["health"],
        response_class=PlainTextResponse,
        response_description="Counts",
        responses=refused(401),
        dependencies=[Depends(desk.admit)],
    )
