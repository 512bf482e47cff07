import{H as t,u as o}from"./chunk-IFO5BVNP.js";function a({site:r}){return t("h2",{"data-site":r,children:o("tab_import")})}export{a as ImportPage};
